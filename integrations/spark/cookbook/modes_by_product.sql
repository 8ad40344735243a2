-- How many session hosts of each product have each licensing mode?
SELECT product, licensing_mode, count(*) AS hosts
FROM hosts
WHERE session_host = 'present'
GROUP BY product, licensing_mode
ORDER BY product, licensing_mode
