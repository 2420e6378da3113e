from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    total = db.Column(db.Integer, nullable=False)
    customer_id = db.Column(db.ForeignKey("customer.id"), nullable=False)
    customer = db.relationship("Customer")

    def to_dict(self):
        return {"id": self.id, "total": self.total, "customer": self.customer.name}
