using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class FilmAppearances : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "CopyOf",
                table: "Studies",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "StudyAppearances",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    StudyId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Hash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Thumbnail = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyAppearances", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyAppearances_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_CopyOf",
                table: "Studies",
                column: "CopyOf",
                filter: "\"CopyOf\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances",
                column: "StudyId",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "StudyAppearances");

            migrationBuilder.DropIndex(
                name: "IX_Studies_CopyOf",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "CopyOf",
                table: "Studies");
        }
    }
}
