"""From bytes to glyphs: load, rectify, enhance, find fields, segment, normalize."""
