//: nothing | {"a": 1.10 } => {"a": 1.10 }
// nothing

//: numbers untouched keep their text | {"a":12345678901234567890,"b":1.10,"c":[1.0,2e5],"d":{"e":0.10},"z":-0} => {"a":12345678901234567890,"b":1.10,"c":[1.0,2e5],"d":{"e":0.10},"z":-0,"x":1}
record.x = 1;

//: numbers passed on keep their text | {"a":12345678901234567890,"b":1.10,"c":[2.50]} => {"a":12345678901234567890,"b":1.10,"c":[2.50],"x":12345678901234567890,"y":[1.10],"z":{"q":2.50}}
record.x = record.a;
record.y = [record.b];
record.z = { q: record.c[0] };

//: numbers read beside changed ones keep their text | {"c":{"a":1.10,"b":2.0}} => {"c":{"a":1.10,"b":5}}
record.c.b = record.c.a > 1 ? 5 : 6;

//: arithmetic | {"a":7,"b":2} => {"a":7,"b":2,"r":[9,5,14,3.5,1,49,3,-7,0.30000000000000004,6,1,7,5,-8]}
const { a, b } = record;
record.r = [a + b, a - b, a * b, a / b, a % b, a ** b, Math.trunc(a / b), -a, 0.1 + 0.2, a ^ 1, a >> 2, a | 0, a & 5, ~a];

//: Math | {} => {"r":[3,2,3,2,-1,4,5,3,1,10,2,0]}
record.r = [Math.round(2.5), Math.floor(2.9), Math.ceil(2.1), Math.trunc(2.9), Math.sign(-3), Math.sqrt(16), Math.hypot(3, 4), Math.log2(8), Math.cos(0), Math.max(1, 10), Math.min(2, 3), Math.abs(0)];

//: Math.random and Date.now are numbers | {} => {"ok":true}
record.ok = Math.random() < 1 && Date.now() > 1e12;

//: rounding money | {"amount":10.005} => {"amount":10.01,"cents":1001}
record.cents = Math.round((record.amount + Number.EPSILON) * 100);
record.amount = record.cents / 100;

//: dates | {"at":"2025-12-24T18:30:00Z"} => {"at":"2025-12-24T18:30:00Z","y":2025,"m":11,"d":24,"w":3,"iso":"2025-12-24T18:30:00.000Z","ms":1766601000000,"later":"2025-12-25T18:30:00Z","json":"\"2025-12-24T18:30:00.000Z\""}
const at = new Date(record.at);
record.y = at.getUTCFullYear();
record.m = at.getUTCMonth();
record.d = at.getDate();
record.w = at.getDay();
record.iso = at.toISOString();
record.ms = at.getTime();
record.later = new Date(at.getTime() + 86400000);
record.json = JSON.stringify(at);

//: dates from parts, and none | {} => {"a":"2024-02-29T00:00:00Z","b":null,"c":true,"d":1}
record.a = new Date(Date.UTC(2024, 1, 29));
record.b = new Date('nonsense');
record.c = isNaN(record.b.getTime());
record.d = (new Date('2025-01-02') - new Date('2025-01-01')) / 864e5;

//: params are read | {"n":2} => {"n":2,"x":4.2,"first":"DE"}
record.x = record.n * params.rates.EUR + params.list.length;
record.first = params.list[0];

//: conditions | {"a":0,"b":"","c":null,"d":[]} => {"a":0,"b":"","c":null,"d":[],"r":["no","no","no","yes",0,"x"]}
const f = v => v ? 'yes' : 'no';
record.r = [f(record.a), f(record.b), f(record.c), f(record.d), record.a ?? 1, record.b || 'x'];

//: equality, loose and strict | {"a":"1"} => {"a":"1","r":[true,false,true,true]}
record.r = [record.a == 1, record.a === 1, null == undefined, Object.is(NaN, NaN)];

//: drop by a condition | {"a":1} => dropped
if (record.a === 1) return false;

//: drop by an expression | {"a":1} => dropped
return record.a > 1;

//: keep by an expression | {"a":2} => {"a":2}
return record.a > 1;

//: anything but false means nothing | {"a":1} => {"a":1}
return 0;

//: the value of the last expression means nothing | {"a":true} => {"a":false}
record.a = false;

//: return early | {"a":1} => {"a":1,"b":2}
record.b = 2;
if (record.a) return;
record.c = 3;

//: another record | {"id":1.0,"x":2} => {"id":1.0}
record = { id: record.id };

//: null and undefined | {"a":1,"b":2} => {"a":null}
record.a = null;
record.b = undefined;

//: names with dots, and empty ones | {"a.b":1,"":2} => {"a.b":1,"":3,"c.d":2}
record['c.d'] = record[''];
record[''] = 3;

//: globals are fresh | {} => {"seen":1}
seen = (typeof seen === 'undefined' ? 0 : seen) + 1;
record.seen = seen;

//: functions before they are declared | {} => {"x":3}
record.x = add(1, 2);
function add(a, b) { return a + b; }

//: strict mode | {} => {"ok":true}
'use strict';
try { undeclared = 1; } catch (e) { record.ok = e instanceof ReferenceError; }

//: exponents, separators, octal and binary numbers | {} => {"r":[1000,1000000,8,5,255]}
record.r = [1e3, 1_000_000, 0o10, 0b101, 0xff];
