using CovidCxr.Domain.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class AccountSessionConfiguration : IEntityTypeConfiguration<AccountSession>
{
    public void Configure(EntityTypeBuilder<AccountSession> builder)
    {
        builder.Property(s => s.From).HasMaxLength(AccountSession.MaxFromLength);
        builder.Property(s => s.Browser).HasMaxLength(AccountSession.MaxBrowserLength);
        builder.Property(s => s.Issuer).HasMaxLength(AccountSession.MaxIssuerLength);
        builder.Property(s => s.ProviderSession).HasMaxLength(AccountSession.MaxProviderSessionLength);
        builder.Property(s => s.Passkey).HasMaxLength(AccountSession.PasskeyLength);
        builder.HasIndex(s => new { s.AccountId, s.StartedAt });
        builder.HasIndex(s => s.LastUsedAt);
    }
}
