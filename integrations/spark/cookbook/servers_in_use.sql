-- How many session hosts have each license server set?
SELECT server, count(*) AS session_hosts
FROM (SELECT explode(license_servers) AS server FROM hosts WHERE session_host = 'present') AS set_servers
GROUP BY server
ORDER BY server
