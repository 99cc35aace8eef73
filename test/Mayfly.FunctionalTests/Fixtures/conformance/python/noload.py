settings = {}["REGION"]
