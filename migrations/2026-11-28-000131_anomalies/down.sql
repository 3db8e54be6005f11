DROP INDEX residents_recorded;
DROP TABLE anomaly_searches;
DROP TABLE anomalies;
