-- Which tokens name another computer than the host that holds them?
SELECT h.computer_name, t.client_reported_machine, t.license_server, t.hardware_id, t.expires
FROM tokens t
JOIN hosts h ON h.folder = t.folder AND h.id = t.host
WHERE upper(t.client_reported_machine) <> upper(h.computer_name)
ORDER BY h.computer_name, t.client_reported_machine, t.expires, t.sha256
