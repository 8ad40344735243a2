-- How many tokens of each license server expire in each month?
SELECT license_server, year(expires) AS year, month(expires) AS month, count(*) AS tokens
FROM tokens
WHERE expires IS NOT NULL AND license_server IS NOT NULL
GROUP BY license_server, year(expires), month(expires)
ORDER BY license_server, year, month
