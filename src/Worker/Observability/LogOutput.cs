using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace VoiceWorker.Observability;

/// <summary>How logs look: for people on a terminal, JSON lines everywhere else, unless Logging:Console:FormatterName
/// says which.</summary>
internal static class LogOutput
{
    /// <summary>Logs to standard output.</summary>
    public static void AddLogOutput(this WebApplicationBuilder builder) =>
        builder.AddConsole(Console.IsOutputRedirected);

    /// <summary>Logs to standard error: standard output belongs to the verb.</summary>
    public static void AddLogToStandardError(this WebApplicationBuilder builder)
    {
        builder.AddConsole(Console.IsErrorRedirected);
        builder.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddConsole(this WebApplicationBuilder builder, bool isRedirected)
    {
        var formatter = builder.Configuration["Logging:Console:FormatterName"]
            ?? (isRedirected ? JsonLines.FormatterName : ConsoleFormatterNames.Simple);
        builder.Logging.ClearProviders().AddConsole(console => console.FormatterName = formatter);
        builder.Logging.AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
    }
}

/// <summary>Log lines for machines: one JSON object each, with the event id, the trace it belongs to and every value of
/// the message under its own name.</summary>
internal sealed class JsonLines(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    private const string Template = "{OriginalFormat}";

    // A log is no HTML: people search it for the text as it was written.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            WriteEvent(json, entry);
            WriteTrace(json, Activity.Current);
            if (entry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
                WriteValues(json, values);
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private void WriteEvent<TState>(Utf8JsonWriter json, in LogEntry<TState> entry)
    {
        json.WriteString("timestamp", time.GetUtcNow());
        json.WriteString("level", entry.LogLevel.ToString());
        json.WriteNumber("eventId", entry.EventId.Id);
        if (entry.EventId.Name is { } name)
            json.WriteString("event", name);
        json.WriteString("category", entry.Category);
        json.WriteString("message", entry.Formatter(entry.State, entry.Exception));
        if (entry.Exception is { } exception)
            json.WriteString("exception", exception.ToString());
    }

    private static void WriteTrace(Utf8JsonWriter json, Activity? span)
    {
        if (span is null)
            return;
        json.WriteString("traceId", span.TraceId.ToHexString());
        json.WriteString("spanId", span.SpanId.ToHexString());
    }

    // Under a name of their own: a value may be called like one of the fields above.
    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        json.WriteStartObject("values");
        foreach (var (name, value) in values)
        {
            if (name == Template)
                continue;
            json.WritePropertyName(name);
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case int or long: json.WriteNumberValue(Convert.ToInt64(value, null)); break;
                case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }

        json.WriteEndObject();
    }
}
