-- Which tokens were removed, and remain in free space or logs?
SELECT h.computer_name, t.license_server, t.origin, t.expires, t.sha256
FROM tokens t
LEFT JOIN hosts h ON h.folder = t.folder AND h.id = t.host
WHERE t.origin = 'recovered'
ORDER BY h.computer_name, t.license_server, t.expires, t.sha256
