using System.Buffers.Binary;
using System.Text;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>A span as it is on the wire: opentelemetry.proto.trace.v1.Span.</summary>
internal sealed record Span(
    string TraceId, string Id, string ParentId, string Name, string Kind, bool IsFailed, IReadOnlyList<(string TraceId, string SpanId)> Links,
    IReadOnlyDictionary<string, string> Attributes)
{
    private static readonly string[] Kinds = ["", "internal", "server", "client", "producer", "consumer"];

    /// <summary>Every span of an export request, resource_spans → scope_spans → spans.</summary>
    public static IEnumerable<Span> ReadAll(byte[] request) =>
        Fields(request).Where(field => field.Number == 1)
            .SelectMany(resource => Fields(resource.Bytes).Where(field => field.Number == 2))
            .SelectMany(scope => Fields(scope.Bytes).Where(field => field.Number == 2))
            .Select(span => Read([.. Fields(span.Bytes)]));

    private static Span Read(IReadOnlyList<Field> fields) => new(
        Hex(fields, 1), Hex(fields, 2), Hex(fields, 4), Text(fields, 5), Kinds[One(fields, 6).Value],
        fields.Where(field => field.Number == 15).Any(status => One([.. Fields(status.Bytes)], 3).Value == 2),
        [.. fields.Where(field => field.Number == 13).Select(link => Fields(link.Bytes).ToList()).Select(link => (Hex(link, 1), Hex(link, 2)))],
        fields.Where(field => field.Number == 9).Select(attribute => Fields(attribute.Bytes).ToList())
            .ToDictionary(attribute => Text(attribute, 1), attribute => ValueOf([.. Fields(One(attribute, 2).Bytes)])));

    private static string ValueOf(List<Field> value) =>
        value.Count == 0 ? "" : value[0].Number == 1 ? Encoding.UTF8.GetString(value[0].Bytes) : $"{value[0].Value}";

    private static Field One(IEnumerable<Field> fields, int number) => fields.FirstOrDefault(field => field.Number == number);

    private static string Hex(IEnumerable<Field> fields, int number) => Convert.ToHexStringLower(One(fields, number).Bytes ?? []);

    private static string Text(IEnumerable<Field> fields, int number) => Encoding.UTF8.GetString(One(fields, number).Bytes ?? []);

    private static IEnumerable<Field> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return new Field(number, (long)Varint(message, ref at), []);
                    break;
                case 1:
                    yield return new Field(number, BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(at)), []);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return new Field(number, 0, message[at..(at + length)]);
                    at += length;
                    break;
                default:
                    yield return new Field(number, BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at)), []);
                    at += 4;
                    break;
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }

    private readonly record struct Field(int Number, long Value, byte[] Bytes);
}
