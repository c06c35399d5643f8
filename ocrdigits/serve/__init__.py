"""Photos that browsers and programs send in, their readings out, each read by a worker process.

`bench` reads in the worker, `room` takes requests and gives replies, `server` puts them on the
web, `page/` shows a reading over its photo and has a pad to draw digits on.
"""
