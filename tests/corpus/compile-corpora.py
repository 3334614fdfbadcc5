#!/usr/bin/env python3
"""Compiles every .cu file of public CUDA corpora with `cuda-wasm compile FILE --json` and writes what came of it as Markdown:
a table of kernels per corpus, a table of the kernels whose threads cannot be lanes of vectors with the reasons, and a table of the features
that are missing, most wanted first.

usage: compile-corpora.py --corpora DIR [--output FILE] 'CUDA-WASM COMMAND'

DIR holds one work tree per corpus, in folders named OWNER+NAME. What is not there is skipped, out loud. Needs python3 only.
"""
import argparse, collections, concurrent.futures, json, os, re, shlex, subprocess, sys

CORPORA = ['cavazos-lab/PolyBench-ACC', 'yuhc/gpu-rodinia', 'NVIDIA/cuda-samples', 'zjin-lcf/HeCBench', 'karpathy/llm.c', 'cupbop/CuPBoP']
HEADER_FOLDERS = ('include', 'inc', 'Common', 'utilities')   # looked for in the file's folder and in every folder above it
NO_KERNEL = 'CW1004'   # the program's code for a file that is all host code

Problem = collections.namedtuple('Problem', 'code message file line')
# kernels: (name, Problem or None); refused: Problem or None; scalar: (name, why its threads run one after the other, or None)
Result = collections.namedtuple('Result', 'file outcome kernels refused scalar', defaults=([],))


def sources(root):
    """The .cu files, and how many more there are that another file of their program includes: those compile as a part of it."""
    every = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names if name.endswith(('.cu', '.cuh', '.h', '.hpp'))]
    parts = set()
    for file in every:
        with open(file, encoding='utf-8', errors='replace') as f:
            for included in re.findall(r'^[ \t]*#[ \t]*include[ \t]*"([^"]*\.cu)"', f.read(), re.M):
                parts.add(os.path.normpath(os.path.join(os.path.dirname(file), included)))
    files = [f for f in every if f.endswith('.cu')]
    alone = sorted(f for f in files if f not in parts)
    return alone, len(files) - len(alone)


def include_paths(file, root):
    """The file's folder, the folders above it up to the corpus, nearest first, and the header folders in each of them."""
    folder, paths = os.path.dirname(file), []
    while True:
        paths += [folder] + [os.path.join(folder, h) for h in HEADER_FOLDERS if os.path.isdir(os.path.join(folder, h))]
        if os.path.samefile(folder, root): return paths
        folder = os.path.dirname(folder)


def build_flags(file, root):
    """The -D and -I of the nearest Makefile or CMakeLists.txt at or above the file, as written; what make computes is left out."""
    folder = os.path.dirname(file)
    while True:
        for name in ('Makefile', 'makefile', 'CMakeLists.txt'):
            path = os.path.join(folder, name)
            if not os.path.isfile(path): continue
            with open(path, encoding='utf-8', errors='replace') as f: text = re.sub(r'#.*', '', f.read())
            macros = re.findall(r'(?<![\w-])-D\s*(\w+(?:=[^\s"\'$()]+)?)', text)
            for group in re.findall(r'(?:add_compile_definitions|target_compile_definitions)\s*\(([^)$]*)\)', text):
                macros += [w for w in re.findall(r'\w+(?:=\w+)?', group)[1 if 'target_' in text else 0:] if w not in ('PRIVATE', 'PUBLIC', 'INTERFACE')]
            folders = [os.path.normpath(os.path.join(folder, d)) for d in re.findall(r'(?<![\w-])-I\s*([\w./-]+)', text)]
            return [a for m in dict.fromkeys(macros) for a in ('-D', m)] + [a for d in folders if os.path.isdir(d) for a in ('-I', d)]
        if os.path.samefile(folder, root): return []
        folder = os.path.dirname(folder)


def first_error(diagnostics):
    for d in diagnostics:
        if str(d.get('severity')).lower() == 'error': return Problem(d.get('code') or '?', d.get('message') or '', d.get('file') or '', d.get('line') or 0)
    return None


def first_error_line(text):
    """The first `file(line,col): error CW0012: text` of what the program says."""
    m = re.search(r'^(.*?)(?:\((\d+),\d+\))?: error (CW\d+): (.*)$', text, re.M)
    return Problem(m[3], m[4].strip(), m[1], int(m[2] or 0)) if m else None


def compile_file(command, file, root, seconds):
    arguments = command + ['compile', file, '--json'] + [a for path in include_paths(file, root) for a in ('-I', path)] + build_flags(file, root)
    try: done = subprocess.run(arguments, capture_output=True, text=True, encoding='utf-8', errors='replace', timeout=seconds)
    except subprocess.TimeoutExpired: return Result(file, 'over time', [], None)
    try:
        printed = json.loads(done.stdout)
        kernels = printed if isinstance(printed, list) else printed.get('kernels') or []
        verdicts = [(k['name'], None if k['status'] == 'ok' else first_error(k.get('diagnostics') or []) or Problem('?', 'failed without an error', file, 0)) for k in kernels]
        scalar = [(k['name'], k.get('scalarReason')) for k in kernels if k['status'] == 'ok' and k.get('vectorBits') is not None]
        refused = None if verdicts or done.returncode == 0 else (
            first_error([] if isinstance(printed, list) else printed.get('diagnostics') or []) or first_error_line(done.stderr))
    except (ValueError, KeyError, TypeError, AttributeError): verdicts, refused, printed, scalar = [], first_error_line(done.stderr), None, []
    if done.returncode not in (0, 1) or printed is None and refused is None:
        last = (done.stderr.strip() or 'says nothing').splitlines()[-1]
        return Result(file, 'crashed', [], Problem('exit %d' % done.returncode, last, file, 0))
    if refused and refused.code == NO_KERNEL: return Result(file, 'no kernel', [], None)
    return Result(file, 'refused' if refused else 'compiled', verdicts, refused, scalar)


QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")


def normalised(message):
    """The message without what belongs to one program only: names in quotes, and numbers."""
    return re.sub(r'\b\d+\b', 'N', QUOTED.sub("'…'", message)).strip()


def first_name(message):
    m = QUOTED.search(message)
    return next(g for g in m.groups() if g is not None) if m else None


def cell(text): return text.replace('|', '\\|').replace('\n', ' ')


def table(head, rows):
    align = ['---' if i == 0 or not isinstance(rows[0][i], int) else '---:' for i in range(len(head))] if rows else ['---'] * len(head)
    return '\n'.join('| %s |' % ' | '.join(cell(str(c)) for c in row) for row in [head, align] + rows)


def as_written(verdicts):
    """A template counts once, however many instances were made of it, and fails where one of them does."""
    kernels = {}
    for name, problem in verdicts:
        plain = name.split('<')[0]
        kernels[plain] = kernels.get(plain) or problem
    return list(kernels.items())


def vectors(results):
    """Markdown: how many of the kernels that compile have vector code, and why the others have not."""
    rows, reasons, example = [], collections.Counter(), {}
    for corpus, (found, _) in results.items():
        kernels = [(r, name, why) for r in found for name, why in as_written(r.scalar)]
        rows.append([corpus, len(kernels), sum(why is None for _, _, why in kernels), sum(why is not None for _, _, why in kernels)])
        for r, name, why in kernels:
            if not why: continue
            reasons[normalised(why)] += 1
            example.setdefault(normalised(why), '%s: %s: %s' % (corpus, os.path.basename(r.file), name))
    total = ['all'] + [sum(r[i] for r in rows) for i in range(1, 4)]
    text = ['## Vectors', table(['corpus', 'kernels', 'in lanes', 'one thread after the other'], rows + [total])]
    return text + ([table(['why', 'kernels', 'example'], [[why, n, example[why]] for why, n in reasons.most_common()])] if reasons else [])


def report(results, missing, limit):
    """Markdown: `results` maps a corpus to its Results and to the number of its files that are parts of others."""
    rows, features, accidents = [], collections.Counter(), []
    names, example = collections.defaultdict(collections.Counter), {}
    for corpus, (found, parts) in results.items():
        kernels = [k for r in found for k in as_written(r.kernels)]
        count = collections.Counter(r.outcome for r in found)
        rows.append([corpus, len(found), parts, count['no kernel'], len(kernels), sum(p is None for _, p in kernels), sum(p is not None for _, p in kernels),
                     count['refused'], count['crashed'], count['over time']])
        problems = [p for _, p in kernels if p] + [r.refused for r in found if r.outcome == 'refused']
        for p in problems:
            key = p.code, normalised(p.message)
            features[key] += 1
            if first_name(p.message): names[key][first_name(p.message)] += 1
            example.setdefault(key, '%s: %s:%s' % (corpus, os.path.basename(p.file), p.line))
        accidents += [[corpus, r.outcome, os.path.basename(r.file), r.refused.message if r.refused else ''] for r in found if r.outcome in ('crashed', 'over time')]
    total = ['all'] + [sum(r[i] for r in rows) for i in range(1, 10)]
    text = ['## Kernels', table(['corpus', 'files', 'parts of others', 'without kernels', 'kernels', 'ok', 'failed', 'files refused', 'files crashed', 'files over time'], rows + [total])]
    text += vectors(results)
    text += ['Skipped, not there: %s.' % ', '.join(missing)] if missing else []
    text += ['## Missing features', 'The first error of each kernel that failed, and of each file that was refused as a whole.',
              table(['code', 'message', 'count', 'most often', 'example'], [
                  [*key, n, ', '.join('%s (%d)' % x for x in names[key].most_common(3)), example[key]] for key, n in features.most_common(limit)]) if features else 'None.']
    if len(features) > limit: text += ['%d more, %d times in all.' % (len(features) - limit, sum(n for _, n in features.most_common()[limit:]))]
    if accidents: text += ['## Crashes and files over time', table(['corpus', 'outcome', 'file', 'message'], accidents)]
    return '\n\n'.join(text) + '\n'


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('command', help="how to start cuda-wasm, e.g. 'dotnet path/to/cuda-wasm.dll'")
    p.add_argument('--corpora', required=True, metavar='DIR', help='holds the work trees, in folders named OWNER+NAME')
    p.add_argument('--output', metavar='FILE', help='the Markdown goes there; standard output otherwise')
    p.add_argument('--only', metavar='TEXT', help='only corpora with this in their name')
    p.add_argument('--timeout', type=float, default=10, metavar='SECONDS', help='for one file (default: 10)')
    p.add_argument('--features', type=int, default=40, metavar='N', help='rows in the table of missing features (default: 40)')
    p.add_argument('--jobs', type=int, default=os.cpu_count() or 1, metavar='N', help='files compiled at once (default: one a core)')
    o = p.parse_args()
    command, results, missing = shlex.split(o.command, posix=os.name != 'nt'), {}, []
    for corpus in CORPORA:
        if o.only and o.only.lower() not in corpus.lower(): continue
        root = os.path.abspath(os.path.join(o.corpora, corpus.replace('/', '+')))
        if not os.path.isdir(root):
            print('skipped: %s is not in %s' % (corpus, o.corpora), file=sys.stderr)
            missing.append(corpus)
            continue
        files, parts = sources(root)
        with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
            try: results[corpus] = list(pool.map(lambda file: compile_file(command, file, root, o.timeout), files)), parts
            except OSError as e: sys.exit('%s does not start: %s' % (command[0], e))
        print('%s: %d files' % (corpus, len(files)), file=sys.stderr)
    if not results:
        print('skipped: no corpus to compile', file=sys.stderr)
        return
    text = report(results, missing, o.features)
    if not o.output: sys.stdout.reconfigure(encoding='utf-8'); sys.stdout.write(text)
    else:
        with open(o.output, 'w', encoding='utf-8', newline='\n') as f: f.write(text)


if __name__ == '__main__': main()
