#!/bin/bash
# Run once by the MySQL image when its data folder is new: databases and accounts, each with rights
# on its own databases only.
set -euo pipefail

mysql --protocol=socket -uroot -p"$MYSQL_ROOT_PASSWORD" <<SQL
CREATE DATABASE haochaping CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE temporal CHARACTER SET utf8mb4;
CREATE DATABASE temporal_visibility CHARACTER SET utf8mb4;
CREATE USER 'haochaping'@'%' IDENTIFIED BY '$HAOCHAPING_DB_PASSWORD';
GRANT ALL PRIVILEGES ON haochaping.* TO 'haochaping'@'%';
CREATE USER 'temporal'@'%' IDENTIFIED BY '$TEMPORAL_DB_PASSWORD';
GRANT ALL PRIVILEGES ON temporal.* TO 'temporal'@'%';
GRANT ALL PRIVILEGES ON temporal_visibility.* TO 'temporal'@'%';
SQL
