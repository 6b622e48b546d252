-- On the first start, beside the database `gatewayops`: what the demo keeps never meets a real account.
create database gatewayops_demo;
