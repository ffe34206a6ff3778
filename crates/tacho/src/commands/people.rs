//! `tacho org`, `tacho user`, `tacho key`: people and keys. They work beside a running server.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use secrecy::SecretString;
use tacho_core::Role;
use tacho_metastore::{KeyScope, KeyScopes, NewApiKey, NewOrganization, NewUser};

use crate::parts::{now, open_metastore, organization};
use crate::settings::Settings;

#[derive(Subcommand)]
pub(crate) enum OrgCommand {
    /// Make an organization; prints its id
    Create(OrgCreate),
    /// List the organizations
    List,
}

#[derive(Args)]
pub(crate) struct OrgCreate {
    /// Its name
    name: String,
    /// The zone in which its days begin, such as Europe/Berlin
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    timezone: String,
}

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; prints the id
    Create(UserCreate),
}

#[derive(Args)]
pub(crate) struct UserCreate {
    /// The e-mail address to sign in with
    email: String,
    /// The organization
    #[arg(long, value_name = "NAME")]
    org: String,
    /// owner, admin, manager, member or viewer
    #[arg(long)]
    role: Role,
    /// The name to show
    #[arg(long)]
    name: Option<String>,
    /// The user's id in the systems that send records, if they call the user by something else than the e-mail address
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an API key; prints the key alone, once
    Create(KeyCreate),
}

#[derive(Args)]
pub(crate) struct KeyCreate {
    /// The organization
    #[arg(long, value_name = "NAME")]
    org: String,
    /// Act as this user, seeing what the user may see
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// What it may be used for: ingest, read, admin
    #[arg(long, value_delimiter = ',', required = true)]
    scope: Vec<KeyScope>,
    /// What it is for, in your words
    #[arg(long, default_value = "made on the command line")]
    name: String,
}

/// `tacho org …`
pub(crate) async fn org(settings: &Settings, command: OrgCommand) -> anyhow::Result<()> {
    let (_, metastore) = open_metastore(settings).await?;
    match command {
        OrgCommand::Create(args) => {
            let new = NewOrganization {
                name: args.name,
                timezone: args.timezone,
            };
            println!("{}", metastore.create_organization(new, now()).await?.id);
        }
        OrgCommand::List => {
            for organization in metastore.organizations().await? {
                println!(
                    "{}\t{}\t{}",
                    organization.id, organization.name, organization.timezone
                );
            }
        }
    }
    Ok(())
}

/// `tacho user …`
pub(crate) async fn user(settings: &Settings, command: UserCommand) -> anyhow::Result<()> {
    let UserCommand::Create(args) = command;
    let (_, metastore) = open_metastore(settings).await?;
    let organization = organization(&metastore, &args.org).await?;
    let new = NewUser {
        email: args.email,
        name: args.name,
        role: args.role,
        password: read_password()?,
        timezone: None,
        external_id: args.external_id,
    };
    println!("{}", metastore.create_user(organization.id, new, now()).await?.id);
    Ok(())
}

fn read_password() -> anyhow::Result<SecretString> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        bail!("pass the password on standard input: printf %s \"$PASSWORD\" | tacho user create …");
    }
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .context("could not read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// `tacho key …`
pub(crate) async fn key(settings: &Settings, command: KeyCommand) -> anyhow::Result<()> {
    let KeyCommand::Create(args) = command;
    let (_, metastore) = open_metastore(settings).await?;
    let organization = organization(&metastore, &args.org).await?;
    let user_id = match &args.user {
        None => None,
        Some(email) => {
            let user = metastore
                .user_by_email(email)
                .await
                .with_context(|| format!("no user {email}"))?;
            if user.organization_id != organization.id {
                bail!("{email} is not of the organization \"{}\"", organization.name);
            }
            Some(user.id)
        }
    };
    let new = NewApiKey {
        name: args.name,
        scopes: KeyScopes::new(args.scope)?,
        user_id,
    };
    let (_, token) = metastore.create_api_key(organization.id, new, now()).await?;
    println!("{}", token.expose());
    Ok(())
}
