# pay
