-- Which hardware ids are in tokens of several computers?
SELECT t.hardware_id, count(DISTINCT h.computer_name) AS computers,
    min(h.computer_name) AS first_computer, max(h.computer_name) AS last_computer
FROM tokens t
JOIN hosts h ON h.folder = t.folder AND h.id = t.host
WHERE t.hardware_id IS NOT NULL
GROUP BY t.hardware_id
HAVING count(DISTINCT h.computer_name) > 1
ORDER BY t.hardware_id
