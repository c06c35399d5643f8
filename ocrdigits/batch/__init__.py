"""A folder of photos in, a durable job out: killed, resumed, changed, it ends in the same results.

`job` ties the parts together: `photos` lists the folder, `store` remembers every result,
`supervisor` has a `crew` read them, whose `worker` processes are kept busy and replaced where a
photo took one down, `export` writes the results.
"""
