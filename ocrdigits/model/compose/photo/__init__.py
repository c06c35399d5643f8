"""Taking the picture: a sheet goes in, a photo with its truth comes out."""
