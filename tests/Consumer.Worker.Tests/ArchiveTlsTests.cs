using Consumer.Worker.Archive;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>Uploads over TLS: which store the worker trusts.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ArchiveTlsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
    private readonly Servers _servers;
    private readonly S3Server _server;
    private readonly string _authority;
    private readonly string _stranger;

    public ArchiveTlsTests(Servers servers)
    {
        (var chain, var key, _authority) = TestCertificate.WriteChain(_folder.FullName);
        (_stranger, _) = TestCertificate.Write(_folder.FullName);
        (_servers, _server) = (servers, new S3Server { Tls = (chain, key) });
    }

    public Task InitializeAsync() => _server.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Files_go_over_TLS_to_a_store_that_the_named_authority_vouches_for()
    {
        await using var run = await RunAsync(_authority);
        Assert.Equal(0, await run.CloseAsync());
        Assert.Empty(run.Files());
    }

    [Fact]
    public async Task Nothing_goes_to_a_store_that_nobody_vouches_for()
    {
        foreach (var ca in (string?[])[_stranger, null])
        {
            await using var run = await RunAsync(ca);
            var fault = await Assert.ThrowsAsync<AggregateException>(run.CloseAsync);
            Assert.Contains("SSL connection could not be established", fault.ToString());
            Assert.Single(run.Files());
        }
    }

    [Fact]
    public async Task A_file_of_authorities_that_cannot_be_used_is_said_at_the_start()
    {
        await using var run = await ArchiveRun.CreateAsync(_servers, Settings(Path.Combine(_folder.FullName, "missing.pem")));
        var fault = Assert.Throws<InvalidOperationException>(() => run.Worker.Get<HourCloser>());
        Assert.StartsWith("Archive:S3:Ca '", fault.Message);
    }

    private async Task<ArchiveRun> RunAsync(string? ca)
    {
        var run = await ArchiveRun.CreateAsync(_servers, Settings(ca));
        await run.Worker.AppendAsync("""{"volume":500}""");
        await run.ArchiveAsync();
        run.EndHour();
        return run;
    }

    private IEnumerable<(string Key, string? Value)> Settings(string? ca) =>
        [
            ("Archive:S3:ServiceUrl", _server.Url),
            ("Archive:S3:Bucket", S3Server.Bucket),
            ("Archive:S3:AccessKey", S3Server.Key),
            ("Archive:S3:SecretKey", S3Server.Key),
            ("Archive:S3:ForcePathStyle", "true"),
            ("Archive:S3:Ca", ca),
        ];
}
