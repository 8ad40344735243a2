-- Which session hosts have no license server set?
SELECT computer_name, product, licensing_mode
FROM hosts
WHERE session_host = 'present' AND (license_servers IS NULL OR cardinality(license_servers) = 0)
ORDER BY computer_name, product
