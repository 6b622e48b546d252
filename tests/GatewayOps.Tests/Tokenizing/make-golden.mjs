// Makes Golden/tokenizing/ids.json: texts and the ids that the reference library gives them, for both encodings.
//
//   cd $(mktemp -d) && npm install tiktoken@1.0.22
//   NODE_PATH=$PWD/node_modules node REPOSITORY/tests/GatewayOps.Tests/Tokenizing/make-golden.mjs
//
// Ids are base64 of three bytes each, little-endian. The texts below are Article 1 of the Universal Declaration of Human Rights, our own words, and what a seeded
// generator draws; the same seed makes the same file. Special tokens are encoded as ordinary text.
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { get_encoding } = createRequire(import.meta.url)('tiktoken');
const encodings = ['cl100k_base', 'o200k_base'].map(name => [name, get_encoding(name)]);

const prose = {
  english: 'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.',
  spanish: 'Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.',
  french: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.',
  german: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen.',
  polish: 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.',
  turkish: 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.',
  vietnamese: 'Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.',
  russian: 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.',
  ukrainian: 'Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства.',
  greek: 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.',
  armenian: 'Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։ Նրանք ունեն բանականություն ու խիղճ և միմյանց պետք է եղբայրաբար վերաբերվեն։',
  georgian: 'ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. მათ მინიჭებული აქვთ გონება და სინდისი და ერთმანეთის მიმართ უნდა იქცეოდნენ ძმობის სულისკვეთებით.',
  hebrew: 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.',
  arabic: 'يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.',
  persian: 'تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان هستند و باید نسبت به یکدیگر با روح برادری رفتار کنند.',
  hindi: 'सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।',
  bengali: 'সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।',
  tamil: 'மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள். அவர்கள் நியாயத்தையும் மனசாட்சியையும் இயற்பண்பாகப் பெற்றவர்கள்.',
  telugu: 'ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు. వారు వివేచన-అంతఃకరణ సంపన్నులగుటచే పరస్పరము భ్రాతృభావముతో వర్తింపవలయును.',
  thai: 'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ',
  burmese: 'လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊ တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့် လည်းကောင်း၊ မွေးဖွားလာသူများ ဖြစ်သည်။',
  khmer: 'មនុស្សទាំងអស់កើតមកមានសេរីភាព និងភាពស្មើៗគ្នា ក្នុងសេចក្ដីថ្លៃថ្នូរ និងសិទ្ធិ។',
  amharic: 'የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው። የተፈጥሮ ማስተዋልና ሕሊና ስላለው አንዱ ሌላውን በወንድማማችነት መንፈስ መመልከት ይገባዋል።',
  chinese: '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。',
  'chinese, traditional': '人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心,並應以兄弟關係的精神相對待。',
  japanese: 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。カタカナも、ひらがなも。',
  korean: '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.',
};

const cases = Object.entries(prose).map(([name, text]) => ({ name, kind: 'prose', text }));
const add = (kind, name, text) => cases.push({ name, kind, text });

add('code', 'csharp', `namespace Demo;\n\n/// <summary>Counts.</summary>\npublic sealed class Counter(int start = 0)\n{\n    private int _count = start;\n\n    public int Next() => Interlocked.Increment(ref _count);\n\n    public override string ToString() => $"{_count:N0} item{(_count == 1 ? "" : "s")}";\n}\n`);
add('code', 'python', `import re\nfrom typing import Iterator\n\n\ndef words(text: str) -> Iterator[str]:\n\t"""Yield each word, lower-cased."""\n\tfor match in re.finditer(r"[\\w']+", text):\n\t\tyield match.group(0).lower()\n\n\nif __name__ == "__main__":\n    print(list(words("It's a test, isn't it?")))\n`);
add('code', 'json', JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi!\nThere' }], temperature: 0.2, n: 1, tools: [], seed: 1234567890, stop: null }, null, 2));
add('code', 'html', '<!doctype html>\n<html lang="en"><head><title>A &amp; B</title></head>\n<body class="wide dark"><p id=\'x\'>1 &lt; 2</p><!-- note --></body></html>\n');
add('code', 'sql and shell', "SELECT id, COUNT(*) AS n FROM t WHERE name LIKE '%x\\_y%' GROUP BY 1 HAVING COUNT(*) >= 10;\n$ grep -rn --include='*.cs' \"TODO\" . | awk -F: '{print $1}' | sort -u > /tmp/out 2>&1\r\n");
add('code', 'markdown', '# Title\n\n* one\n* two\n\n| a | b |\n|---|---:|\n| 1 | 2.50 |\n\n```js\nconst x = `y${1 + 1}`;\n```\n---\nhttps://example.com/a/b?c=d&e=%20#f //path//to///x/\n/\n');
add('code', 'base64 and hex', 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg== 0xDEADBEEF 9f86d081884c7d659a2feaa0c55ad015');

add('edges', 'empty', '');
add('edges', 'one space', ' ');
add('edges', 'contractions', "I'm you're he's we've they'll I'd don't I'M YOU'RE HE'S WE'VE THEY'LL I'D DON'T 'twas 'Re 'lL x'Ve's o'ſ long'ſs 'S's'T ''s 's 'sun 'L 'r 'v");
add('edges', 'apostrophes', "rock'n'roll l'été d'Artagnan O'Brien's dogs' '' ''' 'ab' '1' ' s");
add('edges', 'cases', 'camelCase PascalCase SCREAMING_CASE kebab-case XMLHttpRequest iOS eBay ABCdef aBCDe Ab aB ABc ǅungla Ǆ ǆ ßẞ İıIi ſS');
add('edges', 'numbers', '0 1 12 123 1234 12345 1234567890 3.14159 1,000,000 -42 +7 1e10 ½ ² Ⅷ ⅻ ١٢٣٤٥ ४५६७ 𝟘𝟙𝟚𝟛𝟜 ①②③④ 九');
add('edges', 'punctuation', '...!?!? --- ___ *** //// \\\\\\\\ ((())) [[{}]] <<>> ;;; :: "" \'\' `` ~~ @@ ## $$ %% ^^ && || == += -= => -> <- … — – « » „“ ‚‘ ¿ ¡ § ¶ † • ‰');
add('edges', 'special tokens as text', 'a<|endoftext|>b<|im_start|>user\nhi<|im_end|>\n<|endofprompt|><|fim_prefix|><|fim_middle|><|fim_suffix|>');
add('edges', 'spaces', 'a b  c   d    e     f                                        g\u00a0h\u2003i\u3000j\u202fk\u200bl\u2028m\u2029n\u0085o\u180ep');
add('edges', 'tabs and lines', '\t\ta\n\n\nb\r\nc\r\r\nd \n e\n  \n\t\n f  \t  g\u000b\u000ch\n');
add('edges', 'trailing spaces', 'end   ');
add('edges', 'trailing lines', 'end \n\n  \n   ');
add('edges', 'leading spaces', '   \n   start');
add('edges', 'lines after punctuation', 'a;\n\nb;\r\n/c://\n/d.\n//\n ;\n\t;\n');
add('edges', 'emoji', '😀😃😄 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇺🇦 ❤️ ☕️ 1️⃣ 🤷🏻‍♀️ a😀b 😀a 😀\n ™ © ® ☃ ☺︎ 🫠🫨');
add('edges', 'combining marks', 'e\u0301 a\u0308\u0323 \u0301 \u0301A\u0301BC n\u0303o !\u0301x 1\u0301 \u20dd\u0300\u0301ABC Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘');
add('edges', 'astral letters', '𝒜𝓫𝔠 𝕏𝕐𝕫 𐐀𐐨𐐁 𠀀𠀁𠮷 𞤀𞤢 𒀀𒀁 𓀀 𝐇𝐞𝐥𝐥𝐨𝐬 𐒰𐓘 x𝐲Z 𑀅𑀓𑁆 𝅘𝅥𝅮 \u{10ffff}\u{e000}\u{f0000}');
add('edges', 'lone surrogates', 'a\ud800b\udc00c \ud83d \ude00 \ud83d\ud83d\ude00\ude00 \udfff');
add('edges', 'control characters', Array.from({ length: 0x21 }, (_, i) => String.fromCharCode(i)).join('') + '\u007f\u0080\u009f\u00ad\ufeff\ufffe\uffff\u200d\u2060');
add('edges', 'bidi and mixed scripts', 'abc עברית 123 العربية \u202ex\u202c Ωmega Дa日本語text中文English한글mix ไทยabc');
add('edges', 'caseless before capitals', 'あABC ABCあdef ABCあDEF あA 中A中B漢字KANJI ʰABCʰ ªº aªB ABʰC̈D');
add('edges', 'long words', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft pneumonoultramicroscopicsilicovolcanoconiosis ' + 'ab'.repeat(80) + ' ' + '日本'.repeat(40) + ' ' + 'Ж'.repeat(70));

// A small generator of our own, so that the file is the same with every version of node.
let state = 20261121;
const random = below => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
};
const draw = (length, pick) => Array.from({ length }, pick).join('');
// Blocks whose characters have been assigned for long: what is new differs between the tables of two libraries.
const blocks = [[0x20, 0x7e], [0xa0, 0x24f], [0x250, 0x2ff], [0x300, 0x36f], [0x391, 0x3a1], [0x3b1, 0x3c9], [0x410, 0x44f], [0x5d0, 0x5ea], [0x621, 0x64a], [0x905, 0x939], [0xe01, 0xe30],
  [0x1100, 0x1159], [0x2000, 0x206f], [0x20a0, 0x20b5], [0x2190, 0x21ff], [0x3041, 0x3096], [0x30a1, 0x30fa], [0x4e00, 0x9fa5], [0xac00, 0xd7a3], [0xff01, 0xff5e], [0x1d400, 0x1d454], [0x1f300, 0x1f5ff],
  [0x1f600, 0x1f64f], [0x20000, 0x2a6d6], [0xe000, 0xe010]];
const any = () => { const [from, to] = blocks[random(blocks.length)]; return String.fromCodePoint(from + random(to - from + 1)); };
const oneOf = words => () => words[random(words.length)];
for (let i = 0; i < 6; i++)
  add('random', `unicode ${i}`, draw(250, any));
for (let i = 0; i < 4; i++)
  add('random', `letters and marks ${i}`, draw(200, oneOf(['a', 'B', 'c', 'D', 'é', 'É', 'あ', '漢', '\u0301', '\u0308', "'", 's', 'S', 'll', ' ', '1', '_', 'ʰ', 'ǅ', '𝐀', '𝐚', '𐐀'])));
for (let i = 0; i < 4; i++)
  add('random', `whitespace ${i}`, draw(200, oneOf([' ', ' ', '  ', '\n', '\r\n', '\r', '\t', '\u00a0', '\u3000', '\u2028', '\u0085', 'a', '.', '/', '1', 'é'])));
for (let i = 0; i < 4; i++)
  add('random', `ascii ${i}`, draw(300, () => String.fromCharCode(32 + random(95))));
for (let i = 0; i < 2; i++)
  add('random', `bytes ${i}`, draw(300, () => String.fromCharCode(random(256))));

// Single pieces and texts that a careless implementation takes quadratic time for: their ids are compared by count and SHA-256.
const repeats = [['a', 20000], ['A', 20000], [' ', 20000], ['\n', 20000], ['.', 20000], ['é', 10000], ['中', 10000], ['あA', 5000], ['ab', 10000], ['\u0301', 5000], ['😀', 5000], ['a\u0301', 5000], ['=-', 8000], ['0', 9000], [" '", 4000], [' \n', 5000], ['xyzzy', 1501]];

const bytesOf = ids => { const bytes = Buffer.alloc(ids.length * 3); ids.forEach((id, i) => bytes.writeUIntLE(id, i * 3, 3)); return bytes; };
const idsOf = text => encodings.map(([name, encoding]) => [name, bytesOf(Array.from(encoding.encode_ordinary(text)))]);
const escaped = value => JSON.stringify(value).replace(/[\u007f-\u00a0\u00ad\u0300-\u036f\u1680\u180e\u2000-\u200f\u2028-\u202f\u2060-\u206f\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufff0-\uffff]|[\ud800-\udfff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const lines = [
  ...cases.map(entry => ({ ...entry, ...Object.fromEntries(idsOf(entry.text).map(([name, bytes]) => [name, bytes.toString('base64')])) })),
  ...repeats.map(([text, times]) => ({ name: `${times} times ${JSON.stringify(text)}`, kind: 'repeated', text, times,
    ...Object.fromEntries(idsOf(text.repeat(times)).map(([name, bytes]) => [name, `${bytes.length / 3} ${createHash('sha256').update(bytes).digest('hex')}`])) })),
];
writeFileSync(join(dirname(fileURLToPath(import.meta.url)), '../Golden/tokenizing/ids.json'), `[\n${lines.map(escaped).join(',\n')}\n]\n`);
