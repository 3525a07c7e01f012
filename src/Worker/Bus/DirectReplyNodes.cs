using System.Collections.Concurrent;

namespace VoiceWorker.Bus;

/// <summary>
/// Which nodes of the broker the direct reply-to names of callers belong to. RabbitMQ closes the whole connection, with
/// 541, over a reply to a name that is not one of its own; a shovel or a federation brings such. So a name of a node
/// that no reply has reached yet is tried alone.
/// </summary>
/// <remarks>A name is <c>amq.rabbitmq.reply-to.</c>, an Erlang process id in base 64, a dot and a key. The process id
/// ends in 12 bytes of its own; what stands before them is its node.</remarks>
internal sealed class DirectReplyNodes(TimeProvider time)
{
    private const int Most = 1_000;
    private const int OwnBytes = 12;
    private const byte ErlangTerm = 131;

    // A broker that has joined the cluster is tried again.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _reached = new(StringComparer.Ordinal);

    internal enum Standing
    {
        Unknown,
        Reached,
        Refused,
    }

    public Standing Of(string queue)
    {
        // Once the form of this broker's names is known, what has another form is none of them.
        if (NodeOf(queue) is not { } node)
            return _reached.IsEmpty ? Standing.Unknown : Standing.Refused;
        if (_reached.ContainsKey(node))
            return Standing.Reached;
        return _refused.TryGetValue(node, out var at) && time.GetElapsedTime(at) < RefusedFor
            ? Standing.Refused : Standing.Unknown;
    }

    /// <summary>The broker took a reply to this name.</summary>
    public void Reached(string queue)
    {
        if (NodeOf(queue) is not { } node)
            return;
        if (_reached.Count >= Most)
            _reached.Clear();
        _reached[node] = true;
        _refused.TryRemove(node, out _);
    }

    /// <summary>The broker closed the connection over it.</summary>
    public void Refuse(string queue)
    {
        if (NodeOf(queue) is not { } node)
            return;
        if (_refused.Count >= Most)
            _refused.Clear();
        _refused[node] = time.GetTimestamp();
        _reached.TryRemove(node, out _);
    }

    private static string? NodeOf(string queue)
    {
        var parts = queue[Math.Min(queue.Length, Asker.DirectReply.Length)..].Split('.');
        if (parts is not ["", { Length: > 0 } process, { Length: > 0 }])
            return null;
        Span<byte> bytes = stackalloc byte[256];
        return Convert.TryFromBase64String(process, bytes, out var length) && length > OwnBytes
            && bytes[0] == ErlangTerm
            ? Convert.ToHexString(bytes[..(length - OwnBytes)]) : null;
    }
}
