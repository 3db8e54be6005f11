DROP TABLE composite_weights;
DROP TABLE branch_targets;
