-- On which hosts does a policy set another licensing mode or other servers than the local setting?
SELECT h.computer_name, f.code, f.severity, f.statement
FROM findings f
JOIN hosts h ON h.folder = f.folder AND array_contains(f.hosts, h.id)
WHERE f.code IN ('host.mode.policy_differs', 'host.servers.policy_differs')
ORDER BY h.computer_name, f.code, f.statement
