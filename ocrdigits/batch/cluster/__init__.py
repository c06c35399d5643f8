"""The same job on a Ray cluster: photos and results at fsspec URLs, parts in place of a store.

`place` opens URLs, `listing` lists photos in the order of the local job, `parts` divides them and
finds out what earlier parts hold already, `part_reader` reads one part on some machine of the
cluster and writes it, `ray_engine` hands parts to machines with Ray Data, `job` ties them together.
"""
