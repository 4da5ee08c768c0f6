export { type CampaignOptions, campaign, type Result } from './campaign/campaign.ts';
export { save } from './report/save.ts';
export { render } from './report/text.ts';
export { startTarget, type Target } from './system/target.ts';
