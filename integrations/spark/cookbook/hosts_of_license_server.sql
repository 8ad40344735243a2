-- Which hosts hold a token of each license server?
SELECT t.license_server, h.computer_name, count(*) AS tokens
FROM tokens t
JOIN hosts h ON h.folder = t.folder AND h.id = t.host
WHERE t.license_server IS NOT NULL
GROUP BY t.license_server, h.computer_name
ORDER BY t.license_server, h.computer_name
