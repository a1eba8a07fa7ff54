"""Whether a list of parts is what CycloneDX says one is, says enough of each part, and is of this program."""

import copy
import hashlib
import json
import sys
import tomllib

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

bill_file, program = sys.argv[1:]
with open(bill_file, encoding="utf-8") as file:
    text = file.read()
bill = json.loads(text)
validator = JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"]))


def fault(document):
    return validator.validate_str(json.dumps(document))


assert fault(bill) is None, fault(bill)
# The validator sees what is wrong, or its word would be worth nothing.
for spoil in [
    lambda it: it["components"][0].pop("name"),
    lambda it: it["components"][0].update(type="crate"),
    lambda it: it.update(bomFormat="SPDX"),
    lambda it: it["components"].append(it["components"][0]),
]:
    spoiled = copy.deepcopy(bill)
    spoil(spoiled)
    assert fault(spoiled) is not None, "the validator accepts everything"

with open("Cargo.lock", "rb") as file:
    locked = {(part["name"], part["version"]): part.get("checksum") for part in tomllib.load(file)["package"]}
parts = bill["components"]
for part in parts:
    name = (part["name"], part["version"])
    assert name in locked, f"{name} is not in Cargo.lock"
    assert part["purl"] == "pkg:cargo/{}@{}".format(*name), part["purl"]
    assert part.get("licenses"), f"{name} has no licence"
    digests = [digest["content"] for digest in part.get("hashes", []) if digest["alg"] == "SHA-256"]
    assert digests == [locked[name]], f"{name}: {digests}"

refs = {part["bom-ref"] for part in parts} | {bill["metadata"]["component"]["bom-ref"]}
named = {ref for node in bill["dependencies"] for ref in [node["ref"], *node.get("dependsOn", [])]}
assert named <= refs, f"depended on and not listed: {named - refs}"
with open(program, "rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}], "it is of another program"
assert "path+file" not in text and "/home/" not in text and "/root/" not in text, "it names a folder of this machine"
print(f"{len(parts)} parts, valid CycloneDX {bill['specVersion']}, each with licence and checksum as in Cargo.lock")
