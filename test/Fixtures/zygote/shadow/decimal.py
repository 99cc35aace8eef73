"""Hides the library's: others that use it must get this one too."""
OWN = "the function's"
Decimal = DecimalException = InvalidOperation = type("Decimal", (), {})
