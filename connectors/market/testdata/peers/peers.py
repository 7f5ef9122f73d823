"""Reads the same labelled pages with chophien and with Scrapy + extruct + price-parser.

    python3 -m venv peers && peers/bin/pip install -r requirements.txt
    go build -o chophien ./cmd/chophien
    peers/bin/python peers.py --chophien ./chophien PAGES...

PAGES are folders with a labels.tsv (columns file, url, price, price_high,
price_alt, currency, availability) and the pages beside it, packed or not. Both
readers get all of them in one run, and both are scored by the same rules. CPU
time is user and system time of the process: of chophien from its start to its
end, of Scrapy from the spider's start to its end, so that loading Python's
modules is not counted; unpacking the pages is in neither. The pages are read
--times over. Scrapy fetches the pages over file:// as it would over
the network; what it does with them is the public benchmark's baseline: Open
Graph, then JSON-LD, then microdata, the last one found wins, prices through
price-parser.
"""

import argparse
import gzip
import json
import pathlib
import resource
import subprocess
import tempfile
import time
from decimal import Decimal, InvalidOperation

import extruct
import scrapy
from price_parser import Price
from scrapy.crawler import CrawlerProcess


def labels_of(folder):
    columns, rows = None, []
    for line in (folder / "labels.tsv").read_text(encoding="utf8").splitlines():
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if columns is None:
            columns = cells
            continue
        rows.append(dict(zip(columns, cells + [""] * (len(columns) - len(cells)))))
    return rows


def body_of(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


# Scrapy + extruct + price-parser


def first(values):
    if isinstance(values, list):
        values = values[0] if values else {}
    return values if isinstance(values, dict) else {}


def money(price, currency):
    price = str(price) if price not in (None, "") else None
    parsed = Price.fromstring(price, currency_hint=str(currency) if currency else None)
    return (str(parsed.amount), parsed.currency) if parsed.amount is not None else (None, None)


def state(value):
    word = str(value or "").lower().replace(" ", "").replace("_", "").rsplit("/", 1)[-1]
    if word in ("instock", "limitedavailability", "presale", "preorder", "instoreonly"):
        return "InStock"
    if word in ("outofstock", "soldout", "discontinued"):
        return "OutOfStock"
    return None


def from_opengraph(items):
    item = {key.lower(): value for key, value in first(items).items()}
    price, currency = money(
        item.get("og:price:amount") or item.get("product:price:amount"),
        item.get("og:price:currency") or item.get("product:price:currency"),
    )
    return price, currency, state(item.get("og:availability") or item.get("product:availability"))


def from_items(items):
    products = [i for i in items if "Product" in str(i.get("@type", ""))]
    offer = first(first(products).get("offers"))
    price, currency = money(offer.get("price") or offer.get("highPrice") or offer.get("lowPrice"), offer.get("priceCurrency"))
    return price, currency, state(offer.get("availability"))


def read(html):
    data = extruct.extract(html, uniform=True, syntaxes=["microdata", "opengraph", "json-ld"], errors="ignore")
    price = currency = availability = None
    for found in (from_opengraph(data.get("opengraph")), from_items(data.get("json-ld") or []), from_items(data.get("microdata") or [])):
        price, currency, availability = (new or old for new, old in zip(found, (price, currency, availability)))
    return {"price": price, "currency": currency, "availability": availability or "InStock"}


class Pages(scrapy.Spider):
    name = "pages"

    async def start(self):
        self.begin = time.process_time()
        for address in self.addresses:
            yield scrapy.Request(address, dont_filter=True)

    def parse(self, response):
        self.results[response.url] = read(response.text)

    def closed(self, reason):
        self.clock.append(time.process_time() - self.begin)


def read_with_scrapy(addresses):
    results, clock = {}, []
    process = CrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False})
    process.crawl(Pages, addresses=addresses, results=results, clock=clock)
    process.start()
    return [results[a] for a in addresses], clock[0]


# chophien


def read_with_chophien(binary, listing):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([binary, "prices", "read", "--pages", str(listing)], check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    readings = []
    for line in out.splitlines():
        r = json.loads(line)
        readings.append({"price": r.get("amount_min") or r.get("amount_max"), "currency": r.get("currency"), "availability": r.get("availability")})
    return readings, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# the same score for both

SIGNS = {"₫": "VND", "đ": "VND", "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "руб.": "RUB", "zł": "PLN", "Kč": "CZK", "lei": "RON", "Lei": "RON", "円": "JPY", "원": "KRW", "R$": "BRL", "US$": "USD"}


def near(a, b):
    try:
        return abs(Decimal(a) - Decimal(b)) < Decimal("0.005")
    except (InvalidOperation, TypeError):
        return False


def score(pages, readings):
    right = wrong = missed = currency = currencies = availability = availabilities = 0
    for (_, label), r in zip(pages, readings, strict=True):
        if label["price"] == "none":
            wrong += r["price"] is not None
        else:
            currencies += 1
            currency += SIGNS.get(r["currency"], r["currency"]) == label["currency"]
            if r["price"] is None:
                missed += 1
            elif any(label.get(c) and near(r["price"], label[c]) for c in ("price", "price_high", "price_alt")):
                right += 1
            else:
                wrong += 1
                missed += 1
        if label["availability"]:
            availabilities += 1
            availability += r["availability"] == label["availability"]
    f1 = 2 * right / (2 * right + wrong + missed)
    return f"{right:5d} {wrong:6d} {f1:9.3f} {currency:6d}/{currencies:<4d} {availability:8d}/{availabilities:<4d}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chophien", required=True)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    pages = [(folder / label["file"], label) for folder in args.pages for label in labels_of(folder)]
    with tempfile.TemporaryDirectory() as folder:
        folder, lines, addresses, size = pathlib.Path(folder), ["file\turl"], [], 0
        for i, (path, label) in enumerate(pages):
            copy = folder / f"{i}.html"
            size += copy.write_bytes(body_of(path))
            lines.append(f"{copy.name}\t{label['url']}")
            addresses.append(copy.as_uri())
        listing = folder / "list.tsv"
        listing.write_text("\n".join(lines[:1] + lines[1:] * args.times) + "\n", encoding="utf8")
        ours, our_time = read_with_chophien(args.chophien, listing)
        theirs, their_time = read_with_scrapy(addresses * args.times)
    print(f"{len(pages)} pages, {size / len(pages) / 1000:.0f} kB each on average, read {args.times} times")
    print(f"{'reader':38s} right  wrong  price F1  currency  availability  CPU ms/page")
    for name, readings, seconds in (("chophien", ours, our_time), ("Scrapy + extruct + price-parser", theirs, their_time)):
        print(f"{name:36s} {score(pages, readings[: len(pages)])} {seconds * 1000 / len(readings):12.2f}")
    print(f"CPU per page: {their_time / our_time:.1f} times as much")


if __name__ == "__main__":
    main()
