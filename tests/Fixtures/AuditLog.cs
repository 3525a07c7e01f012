using System.Threading.Channels;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>An audit consumer that keeps everything, by stream.</summary>
public sealed class AuditLog(ChannelReader<Delivery> deliveries)
{
    private readonly List<Delivery> _seen = [];

    /// <summary>The first so many events of a business, once they are there.</summary>
    public async Task<IReadOnlyList<Delivery>> OfBusinessAsync(int businessId, int count)
    {
        List<Delivery> found;
        while ((found = Of(AuditEvent.BusinessStream(businessId))).Count < count)
            _seen.AddRange(await BrokerClient.TakeAsync(deliveries, 1));
        Assert.Equal(count, found.Count);
        return found;
    }

    private List<Delivery> Of(string stream) => _seen.Where(e => e.Field("stream") == stream).ToList();
}
