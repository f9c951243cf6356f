package io.cleave.tools;

/** How a report looks: its style sheet. Colours of their own for light and dark. Stateless. */
final class ReportStyle {
    static final String SHEET = """

            :root{color-scheme:light dark;--page:#f6f7f8;--sheet:#fff;--ink:#1b1f24;--soft:#59636e;--line:#dfe3e8;
            --link:#1f5f9e;--t0:#4f7cac;--t1:#b8922e;--t2:#cb7426;--t3:#b24a26;--t4:#84192a;--age:#3d4650;
            --good:#1f7a4d;--bad:#b3261e;--warn:#8a6100;--mark:#fff4cf;--shade:rgba(27,31,36,.28)}
            @media (prefers-color-scheme:dark){:root{--page:#111418;--sheet:#191d22;--ink:#e4e8ec;--soft:#9aa5b1;
            --line:#30373f;--link:#7fb4ea;--t0:#6f9fd0;--t1:#d3b052;--t2:#e8944a;--t3:#e06c48;--t4:#e8536b;--age:#c3ccd6;
            --good:#58c08c;--bad:#ff8a80;--warn:#e0b34c;--mark:#3a3416;--shade:rgba(0,0,0,.75)}}
            *{box-sizing:border-box}
            html{-webkit-text-size-adjust:100%}
            body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",
            Arial,sans-serif;font-variant-numeric:tabular-nums}
            main,footer{max-width:1160px;margin:0 auto;padding:0 20px}
            header{max-width:1160px;margin:0 auto;padding:32px 20px 8px}
            h1{font-size:24px;line-height:1.25;margin:0 0 4px;font-weight:650;letter-spacing:-.01em}
            h2{font-size:18px;line-height:1.3;margin:0 0 2px;font-weight:650;overflow-wrap:anywhere}
            p{margin:0}
            a{color:var(--link)}
            .soft{color:var(--soft)}
            .mono,bdi{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em;
            overflow-wrap:anywhere}
            section{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:20px;margin:16px 0}
            dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:16px 24px;margin:0}
            dl.wide{display:block;margin-top:18px;padding-top:14px;border-top:1px solid var(--line)}
            dl.wide div{display:grid;grid-template-columns:130px minmax(0,1fr);align-items:baseline;padding:2px 0}
            dt{color:var(--soft);font-size:13px}
            dd{margin:0;overflow-wrap:anywhere}
            dl.tiles dd{font-size:20px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
            .state{font-weight:600}
            .state::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:8px;
            background:currentColor}
            .good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
            .scroll{overflow-x:auto;margin-top:12px;background:linear-gradient(to right,var(--sheet) 24px,transparent 48px) 0 0,
            linear-gradient(to left,var(--sheet) 24px,transparent 48px) 100% 0,
            linear-gradient(to right,var(--shade),transparent) 0 0,linear-gradient(to left,var(--shade),transparent) 100% 0;
            background-repeat:no-repeat;background-size:48px 100%,48px 100%,14px 100%,14px 100%;
            background-attachment:local,local,scroll,scroll}
            .scroll::before{content:"scrolls sideways →";display:none;position:sticky;left:0;width:max-content;
            font-size:12px;color:var(--soft)}
            table{border-collapse:collapse;width:100%;font-size:13.5px}
            th,td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
            th{color:var(--soft);font-weight:500;white-space:nowrap}
            tbody th{color:inherit}
            td.n,th.n{text-align:right;white-space:nowrap}
            td.nowrap{white-space:nowrap}
            tr:last-child>*{border-bottom:0}
            tr:target{background:var(--mark)}
            details{margin-top:14px}
            summary{cursor:pointer;color:var(--link);font-size:14px;width:max-content;max-width:100%}
            .keyed{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px;margin-top:12px;font-size:13px}
            .keyed>span{color:var(--soft)}
            .chart{margin-top:18px}
            .keyed ul{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:0;padding:0}
            .keyed li::before{content:"";display:inline-block;width:11px;height:11px;margin-right:5px;
            vertical-align:-1px;background:var(--c)}
            .keyed .hatched::before{background:repeating-linear-gradient(135deg,var(--t0) 0 3px,var(--sheet) 3px 5px)}
            .chart{display:grid;grid-template-columns:max-content minmax(0,1fr);column-gap:8px}
            .axis{position:relative;width:62px;font-size:12px;line-height:1;color:var(--soft)}
            .axis span{position:absolute;right:0;white-space:nowrap;transform:translateY(-50%)}
            .map{position:relative}
            .plot{display:block;overflow:visible}
            .plot rect{stroke:var(--sheet);stroke-width:1px}
            .dense rect{stroke:none;shape-rendering:crispEdges}
            .grid{stroke:var(--line);stroke-width:1px}
            .limit{stroke:var(--ink);stroke-width:1px;stroke-dasharray:4 3}
            .t0{fill:var(--t0);--c:var(--t0)}.t1{fill:var(--t1);--c:var(--t1)}.t2{fill:var(--t2);--c:var(--t2)}
            .t3{fill:var(--t3);--c:var(--t3)}.t4{fill:var(--t4);--c:var(--t4)}
            .delta{fill:url(#hatch)}.hatch{stroke:var(--sheet);stroke-width:2}
            .a0,.a1,.a2,.a3,.a4{fill:var(--age);--c:var(--age)}
            .a1{opacity:.7}.a2{opacity:.45}.a3{opacity:.25}.a4{opacity:.12}
            .keyed li.a1,.keyed li.a2,.keyed li.a3,.keyed li.a4{opacity:1}
            .keyed .a1::before{opacity:.7}.keyed .a2::before{opacity:.45}.keyed .a3::before{opacity:.25}
            .keyed .a4::before{opacity:.12}
            .hit{position:absolute;top:0;height:214px;border-radius:2px}
            .hit:hover,.hit:focus{background:color-mix(in srgb,var(--ink) 14%,transparent);outline:none;
            box-shadow:0 0 0 2px var(--ink)}
            .tip{visibility:hidden;position:absolute;z-index:2;top:240px;left:0;max-width:100%;padding:10px 12px;font-size:13.5px;
            background:var(--sheet);border:1px solid var(--soft);border-radius:6px;pointer-events:none}
            .hit:hover+.tip,.hit:focus+.tip{visibility:visible}
            .map:hover .hit:focus:not(:hover)+.tip{visibility:hidden}
            .tip b{font-weight:650}
            .tip span{display:block}
            .ticks{position:relative;height:22px;font-size:12px;color:var(--soft);overflow:hidden}
            .ticks bdi{position:absolute;top:2px;max-width:23%;padding-left:4px;border-left:1px solid var(--soft);
            overflow:hidden;text-overflow:ellipsis;white-space:nowrap;overflow-wrap:normal}
            .note{padding-top:4px;font-size:13px;color:var(--soft)}
            .over{font-size:13px;color:var(--soft);letter-spacing:.02em}
            table.narrow{width:auto}.narrow th,.narrow td{padding-right:40px}
            td.runs{min-width:11em}
            td.key{min-width:11em;max-width:18em}
            footer{padding-bottom:40px;font-size:13px;color:var(--soft)}
            .off{position:absolute;width:0;height:0;overflow:hidden}
            @media (max-width:640px){main,header,footer{padding-left:12px;padding-right:12px}section{padding:16px 14px}
            .plot rect{stroke-width:.5px}.ticks bdi:nth-child(even){display:none}.ticks bdi{max-width:48%}
            .scroll:has(.large)::before{display:block}.upto{display:none}td.key{min-width:7em;max-width:9em}
            th,td{padding-right:12px}td.runs{min-width:9em}
            dl.wide div{grid-template-columns:1fr;padding:4px 0}.axis{width:52px}
            dl.tiles{grid-template-columns:1fr 1fr;gap:12px}.keyed{grid-template-columns:1fr;gap:2px}
            .keyed ul{margin-bottom:8px}}
            @media print{section{break-inside:avoid}.tip{display:none}}
            """;

    private ReportStyle() {}
}
