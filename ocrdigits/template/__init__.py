"""Form templates: named fields on a reference picture, found again on photos of the form."""
