from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Depot(Base):
    __tablename__ = "depots"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    boxes = relationship("Box", backref="depot", order_by="Box.id")


class Box(Base):
    __tablename__ = "boxes"
    id = Column(Integer, primary_key=True)
    label = Column(String(20))
    depot_id = Column(ForeignKey("depots.id"))
