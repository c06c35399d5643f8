"""A folder of photos in, a durable job out: killed, resumed, changed, it ends in the same results.

`job` ties the parts together: `photos` lists the folder, `store` remembers every result,
`supervisor` keeps `worker` processes busy and replaces those that a photo took down, `export`
writes the results.
"""
