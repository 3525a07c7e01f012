using System.Text;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>Spans as people read them: what happened below what, and what is linked with what.</summary>
internal static class TraceTree
{
    /// <summary>The trace of one message, below the span of its producer, and the groups that it was in.</summary>
    public static string Draw(IReadOnlyList<Span> spans, string traceId, string producer)
    {
        var tree = new StringBuilder("the producer's own span\n");
        DrawBelow(tree, spans.Where(span => span.TraceId == traceId).ToList(), producer, "");
        foreach (var group in spans.Where(span => span.ParentId == "" && span.Links.Any(link => link.TraceId == traceId)).OrderBy(span => span.Name, StringComparer.Ordinal))
        {
            tree.Append(Line(group)).Append('\n');
            DrawBelow(tree, spans.Where(span => span.TraceId == group.TraceId).ToList(), group.Id, "");
        }

        return tree.ToString();
    }

    private static void DrawBelow(StringBuilder tree, IReadOnlyList<Span> spans, string parent, string indent)
    {
        // Statements are as many as they are: one line for all of them.
        var below = spans.Where(span => span.ParentId == parent).DistinctBy(span => span.Kind == "client" ? span.Kind : span.Id).ToList();
        for (var i = 0; i < below.Count; i++)
        {
            var isLast = i == below.Count - 1;
            tree.Append(indent).Append(isLast ? "└─ " : "├─ ").Append(Line(below[i])).Append('\n');
            DrawBelow(tree, spans, below[i].Id, indent + (isLast ? "   " : "│  "));
        }
    }

    private static string Line(Span span) => span.Kind == "client"
        ? "statements (client)"
        : $"{span.Name} ({span.Kind}){(span.Links.Count > 0 ? " ⇢ " + (span.Kind == "consumer" ? "its group" : "each message") : "")}";
}
