# SPDX-License-Identifier: Apache-2.0
"""What is in the tables, past the API."""


def admin(place):
    """The administrator's call: of a World's emulator, or of the emulator that is given."""
    return getattr(place, "emulator", place).admin.dynamodb


def put(world, table, **attributes):
    """Store an item as another tool would: strings as they are, else attribute values."""
    item = {
        name: {"S": value} if isinstance(value, str) else value
        for name, value in attributes.items()
    }
    admin(world)("PutItem", TableName=table, Item=item)


def stored(world, table, key):
    """The item with all its attributes, None if there is none."""
    return admin(world)(
        "GetItem", TableName=table, Key={"id": {"S": key}}, ConsistentRead=True
    ).get("Item")


def remove(world, table, key):
    admin(world)("DeleteItem", TableName=table, Key={"id": {"S": key}})


def batches(world, table, requests):
    """Write requests, 25 at a time."""
    for start in range(0, len(requests), 25):
        admin(world)("BatchWriteItem", RequestItems={table: requests[start:start + 25]})


def clear(world, table):
    found = admin(world)("Scan", TableName=table, ProjectionExpression="id")["Items"]
    batches(world, table, [{"DeleteRequest": {"Key": {"id": item["id"]}}} for item in found])


def fill(world, table, count):
    """count items with ids i00000 and up; the ids."""
    ids = [f"i{number:05}" for number in range(count)]
    batches(
        world,
        table,
        [{"PutRequest": {"Item": {"id": {"S": i}, "name": {"S": "n"}}}} for i in ids],
    )
    return ids
