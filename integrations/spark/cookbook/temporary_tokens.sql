-- Which computers hold temporary tokens, and until when?
SELECT h.computer_name, t.license_server, t.valid_from, t.expires
FROM tokens t
JOIN hosts h ON h.folder = t.folder AND h.id = t.host
WHERE t.is_temporary AND t.origin = 'live'
ORDER BY h.computer_name, t.license_server, t.valid_from, t.expires, t.sha256
