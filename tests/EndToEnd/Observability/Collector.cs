using System.Collections.Concurrent;
using System.Net;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>A collector: takes what is exported by OTLP over HTTP, and keeps the spans.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<Span> _spans = new();
    private readonly Task _loop;
    private int _metrics;

    public Collector()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _loop = ListenAsync();
    }

    public Uri Address { get; }

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<Span> Spans => [.. _spans];

    /// <summary>How often metrics have come.</summary>
    public int Metrics => Volatile.Read(ref _metrics);

    /// <summary>What a worker must be told to export to here, without waiting.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString().TrimEnd('/'),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    public void Dispose()
    {
        _listener.Close();
        _loop.Wait();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
                await TakeOrLeaveAsync(await _listener.GetContextAsync());
        }
        catch (Exception) when (!_listener.IsListening)
        {
            // Closed.
        }
    }

    // A worker that ends, or waits no longer, cuts an export off, which can look like the end of it. What is not there
    // is missed by the test that waits for it.
    private async Task TakeOrLeaveAsync(HttpListenerContext request)
    {
        try
        {
            await TakeAsync(request);
        }
        catch (Exception failure) when (failure is HttpListenerException or IOException or ArgumentException
            or IndexOutOfRangeException)
        {
            request.Response.Abort();
        }
    }

    private async Task TakeAsync(HttpListenerContext request)
    {
        using var body = new MemoryStream();
        await request.Request.InputStream.CopyToAsync(body);
        if (request.Request.Url!.AbsolutePath == "/v1/traces")
        {
            foreach (var span in Span.ReadAll(body.ToArray()))
                _spans.Enqueue(span);
        }
        else if (request.Request.Url.AbsolutePath == "/v1/metrics")
        {
            Interlocked.Increment(ref _metrics);
        }

        request.Response.ContentType = "application/x-protobuf";
        request.Response.Close();
    }
}
