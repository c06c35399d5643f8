"""A job's store in, a page on which a person settles what is in doubt; corrections out as labels.

`queue` says what comes next, `pictures` cuts it from the photos, `checked` compares what was
promised with what was found, `desk` ties them to the store, `server` puts them on the web,
`corrections` writes labelled folders.
"""
