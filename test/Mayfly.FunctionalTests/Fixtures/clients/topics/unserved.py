"""What this server does not do: phones, devices, and looking into messages."""

PHONE = "+4912345678"


def show(walk):
    application, endpoint = walk.prefix + "app/GCM/a", walk.prefix + "endpoint/GCM/a/1"
    for operation, params in {
        "CheckIfPhoneNumberIsOptedOut": {"phoneNumber": PHONE},
        "CreateSMSSandboxPhoneNumber": {"PhoneNumber": PHONE},
        "DeleteSMSSandboxPhoneNumber": {"PhoneNumber": PHONE},
        "GetSMSAttributes": {},
        "GetSMSSandboxAccountStatus": {},
        "ListOriginationNumbers": {},
        "ListPhoneNumbersOptedOut": {},
        "ListSMSSandboxPhoneNumbers": {},
        "OptInPhoneNumber": {"phoneNumber": PHONE},
        "SetSMSAttributes": {"attributes": {"DefaultSMSType": "Promotional"}},
        "VerifySMSSandboxPhoneNumber": {"PhoneNumber": PHONE, "OneTimePassword": "12345"},
    }.items():
        walk.unserved("it reaches no phones", operation, **params)
    for operation, params in {
        "CreatePlatformApplication": {"Name": "a", "Platform": "GCM", "Attributes": {"PlatformCredential": "x"}},
        "CreatePlatformEndpoint": {"PlatformApplicationArn": application, "Token": "x"},
        "DeleteEndpoint": {"EndpointArn": endpoint},
        "DeletePlatformApplication": {"PlatformApplicationArn": application},
        "GetEndpointAttributes": {"EndpointArn": endpoint},
        "GetPlatformApplicationAttributes": {"PlatformApplicationArn": application},
        "ListEndpointsByPlatformApplication": {"PlatformApplicationArn": application},
        "ListPlatformApplications": {},
        "SetEndpointAttributes": {"EndpointArn": endpoint, "Attributes": {"Enabled": "true"}},
        "SetPlatformApplicationAttributes": {"PlatformApplicationArn": application, "Attributes": {"Enabled": "true"}},
    }.items():
        walk.unserved("it reaches no devices", operation, **params)
    walk.unserved("it does not look for personal data in messages", "GetDataProtectionPolicy", ResourceArn=walk.prefix + "orders")
    walk.unserved("it does not look for personal data in messages", "PutDataProtectionPolicy", ResourceArn=walk.prefix + "orders", DataProtectionPolicy="{}")
