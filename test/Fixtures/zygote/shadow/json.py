OWN = "json of the function"
