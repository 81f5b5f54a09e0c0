"""What is sent and answered over HTTP: strict forms, apart from rows and from domain objects.

Ids, dates and texts take the forms of `data.forms.fields`; every field says what it means.
"""
