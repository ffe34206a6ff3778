"""Puts records into the spool, says so, and waits to be killed."""

import json
import sys
import threading

from tacho import Client, FolderSpool, Options

settings = json.loads(sys.argv[1])
spool = FolderSpool(settings["folder"])
client = Client(settings["url"], settings["key"], spool=spool, options=Options(batch_wait=0.01))
client.send(settings["records"]).result()
print("safe", flush=True)
threading.Event().wait()
