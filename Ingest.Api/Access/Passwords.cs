using Microsoft.AspNetCore.Identity;
using Taproom.Store;

namespace Ingest.Api.Access;

/// <summary>Hashes passwords, by ASP.NET Core Identity's hasher (PBKDF2 with a salt for each).</summary>
internal sealed class Passwords
{
    private readonly PasswordHasher<User> _hasher = new();
    private readonly Lazy<string> _nobodys;

    /// <summary>Made once a process.</summary>
    public Passwords() => _nobodys = new Lazy<string>(() => Hash(Guid.NewGuid().ToString()));

    /// <summary>What is kept of a password. The library asks for a user and does not look at it.</summary>
    public string Hash(string password) => _hasher.HashPassword(null!, password);

    /// <summary>Whether it is the password of this hash; without a hash it takes as long, and is false.</summary>
    public bool Verify(string? hash, string password) =>
        _hasher.VerifyHashedPassword(null!, hash ?? _nobodys.Value, password) is not PasswordVerificationResult.Failed && hash is not null;
}
