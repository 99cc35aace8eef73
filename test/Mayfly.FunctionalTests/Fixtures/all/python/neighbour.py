import os
import time

os.makedirs("/tmp/private", exist_ok=True)
with open("/tmp/private/secret.txt", "w") as file:
    file.write("of-the-neighbour")


def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return {"pid": os.getpid(), "tmp": os.listdir("/tmp"), "uid": os.getuid()}
